/** 命令面板的文字。 */
import type { enPalette } from "../en/palette.ts";

export const zhPalette: typeof enPalette = {
  palette: {
    open: "搜索与执行",
    label: "节点、问题、修复、检查、页面、操作",
    none: "没有匹配项",
    count: (n) => `${n} 项`,
    groups: {
      here: "此处",
      pages: "页面",
      nodes: "节点",
      problems: "问题",
      repairs: "修复",
      checks: "运行检查",
      actions: "操作",
    },
    runAllOn: (node) => `在 ${node} 上运行所有检查`,
    runOn: (check, node) => `在 ${node} 上运行 ${check}`,
    openTab: (tab, node) => `${node} 的${tab}`,
    switchOff: "关闭修复……",
    switchOn: "开启修复……",
    wall: "大屏：整个集群一目了然",
    theme: (name) => `主题：${name}`,
    language: (name) => `语言：${name}`,
    keys: { move: "移动", run: "执行", close: "关闭" },
  },
};
