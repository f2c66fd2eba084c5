/** 命令面板的文字，它启动的操作，以及顺带的提示。 */
import type { enPalette } from "./en.palette.ts";

export const zhPalette: typeof enPalette = {
  palette: {
    open: "搜索与执行",
    short: "搜索",
    label: "节点、问题、检查、页面、操作",
    none: "没有匹配项",
    count: (n) => `${n} 项`,
    groups: {
      here: "此处",
      pages: "页面",
      nodes: "节点",
      problems: "未解决的问题",
      checks: "运行检查",
      actions: "操作",
    },
    runAllOn: (node) => `在 ${node} 上运行所有检查`,
    runOn: (check, node) => `在 ${node} 上运行 ${check}`,
    openTab: (tab, node) => `${node} 的${tab}`,
    switchOff: "关闭修复……",
    switchOn: "开启修复……",
    theme: (name) => `主题：${name}`,
    language: (name) => `语言：${name}`,
    keys: { move: "移动", run: "执行", close: "关闭" },
  },
  verify: {
    action: "校验账本",
    busy: "正在重新计算每个条目的哈希",
    holds: (entries) => `${entries} 个条目，所有链完整`,
    broken: (origin, seq, reason) => `${origin} 的链在条目 ${seq} 处断裂：${reason}`,
  },
  guardScreen: {
    title: "无法显示此页面",
    body: "可能在 Monitor 离线时尚未加载，或者 Cortex 已更新。",
    reload: "重新加载页面",
    updated: (version) => `Cortex 已更新到 ${version}。请重新加载以使用新版界面。`,
  },
  news: {
    problems: (n) => `${n} 个新问题`,
    repaired: (summary) => `已修复：${summary}`,
    repairs: (n) => `${n} 次修复已验证`,
  },
};
