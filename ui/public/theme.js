// Runs before the first paint: the chosen theme and language, so that nothing flashes. Keys as in lib/preferences.ts.
(function () {
  try {
    var theme = localStorage.getItem("cortex.theme");
    if (theme === "light" || theme === "dark") document.documentElement.classList.add(theme);
    var language = localStorage.getItem("cortex.language");
    if (language) document.documentElement.lang = language;
  } catch (_) {
    // Storage may be forbidden: the system's theme it is.
  }
})();
