import { expect, test } from "bun:test";
import { editorArgv } from "./editor.ts";

test("the editor is words, not a line for a shell", () => {
  expect(editorArgv({ EDITOR: "code --wait" })).toEqual(["code", "--wait"]);
  expect(editorArgv({ EDITOR: "nano", VISUAL: '"/opt/my editor/bin" -n' })).toEqual([
    "/opt/my editor/bin",
    "-n",
  ]);
  expect(editorArgv({ EDITOR: "vi; rm -rf $HOME" })).toEqual(["vi;", "rm", "-rf", "$HOME"]);
  expect(editorArgv({ EDITOR: " " })).toEqual(["vi"]);
});
