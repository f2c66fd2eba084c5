/** The home screen's code is asked for together with the frame's, not once the frame has run: a round trip less. */
import type { Plugin } from "vite";

/** `chunks`: names of chunks as the configuration gives them. */
export function preloadHome(...chunks: string[]): Plugin {
  return {
    name: "cortex:preload-home",
    transformIndexHtml: {
      order: "post",
      handler: (_, { bundle }) => {
        const files = Object.values(bundle ?? {}).filter(
          (file) => file.type === "chunk" && chunks.includes(file.name),
        );
        if (bundle !== undefined && files.length !== chunks.length)
          throw new Error(`not every one of these is a chunk: ${chunks.join(", ")}`);
        return files.map(({ fileName }) => ({
          tag: "link",
          attrs: { rel: "modulepreload", crossorigin: true, href: `/${fileName}` },
          injectTo: "head" as const,
        }));
      },
    },
  };
}
