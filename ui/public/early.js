// What comes before the program. The chosen theme and language, so that nothing flashes; keys as in lib/preferences.ts.
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

// The first format of a page makes the browser read all its languages: better now, while the program is on its way.
setTimeout(function () {
  new Intl.NumberFormat();
});
