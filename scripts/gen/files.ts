/** Generated files: formatted like everything else, written or compared. */
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { rootDir } from "../lib/tree.ts";

export interface GeneratedFile {
  /** Relative to the root of the tree. */
  path: string;
  content: string;
  /** As it is: the formatter moves every comment of a file of comments to the margin. */
  verbatim?: boolean;
}

/** Write what differs; the paths that did. */
export async function writeFiles(files: GeneratedFile[], tree = rootDir): Promise<string[]> {
  const stale = await staleFiles(files, tree);
  for (const file of stale) {
    const path = join(tree, file.path);
    await mkdir(dirname(path), { recursive: true });
    await Bun.write(path, file.content);
  }
  return stale.map((file) => file.path);
}

/** Files whose content on disk is another one, formatted as they will be written. */
export async function staleFiles(files: GeneratedFile[], tree = rootDir): Promise<GeneratedFile[]> {
  const formatted = await Promise.all(files.map((file) => format(file, tree)));
  const current = await Promise.all(
    formatted.map((file) =>
      Bun.file(join(tree, file.path))
        .text()
        .catch(() => null),
    ),
  );
  return formatted.filter((file, index) => file.content !== current[index]);
}

async function format(file: GeneratedFile, tree: string): Promise<GeneratedFile> {
  if (file.verbatim) return file;
  const child = Bun.spawn([process.execPath, "fmt", "--no-script", `--stdin-filepath=${file.path}`], {
    cwd: tree,
    stdin: new Blob([file.content]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [content, complaint] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if ((await child.exited) !== 0) throw new Error(`could not format ${file.path}: ${complaint.trim()}`);
  return { path: file.path, content };
}
