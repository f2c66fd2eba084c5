/** Sees when text became more than text: dialogs, elements and handlers nobody drew, requests to elsewhere. */
import type { Page } from "playwright-core";

export interface Detector {
  /** What happened so far, and what is on the page right now; one line each, emptied by reading. */
  findings(): Promise<string[]>;
}

export async function openDetector(page: Page, origin: string): Promise<Detector> {
  const heard: string[] = [];
  page.on("dialog", (dialog) => {
    heard.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss().catch(() => undefined);
  });
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !/^(data|blob|about):/.test(url))
      heard.push(`request: ${url.slice(0, 100)}`);
  });
  page.on("popup", () => heard.push("popup"));
  return {
    async findings() {
      const strange = await page.evaluate(() => {
        const NOBODYS =
          "body script, body style, body link, body meta, body base, img, iframe, object, embed, video, audio, math, marquee, template, noscript *, xss, keygen, foreignObject, body body";
        const found = [...document.querySelectorAll(NOBODYS)].filter(
          // The program's own module, at the end of its page.
          (one) =>
            !(
              one instanceof HTMLScriptElement &&
              one.type === "module" &&
              one.src.startsWith(location.origin)
            ),
        );
        const handlers = [...document.querySelectorAll("body *")].filter(
          (one) =>
            one.getAttributeNames().some((name) => name.startsWith("on")) ||
            /^\s*(javascript|data|vbscript):/i.test(
              one.getAttribute("href") ?? one.getAttribute("action") ?? "",
            ),
        );
        return [...found, ...handlers].map((one) => `injected: ${one.outerHTML.slice(0, 100)}`);
      });
      return [...new Set([...heard.splice(0), ...strange])];
    },
  };
}
