/** 首次运行的文字，以及选择 Cortex 可以自行做什么。 */
import type { enWelcome } from "./en.welcome.ts";

export const zhWelcome: typeof enWelcome = {
  welcome: {
    step: (at, all) => `第 ${at} 步，共 ${all} 步`,
    autonomyTitle: "Cortex 可以自行做什么？",
    autonomyIntro: "无论如何它都会发现并记录问题。之后可随时在设置中更改。",
    next: "继续",
    skip: "跳过，保持不变",
    liveTitle: (name) => `${name} 已上线`,
    waitingTitle: "等待第一份报告",
    waitingIntro: "此主机上的 agent 每隔几秒报告一次。",
    liveIntro: (checks) => `无需任何配置，已有 ${checks} 个结果。`,
    nothingWrong: "一切正常。",
    wrong: (n) => `已有 ${n} 个未解决的问题。`,
    name: "改名，或让某个服务保持运行：都只是 cortex.yaml 中的几行。",
    open: "打开集群",
  },
  autonomyChoice: {
    legend: "自主程度",
    titles: { act: "修复安全的问题", ask: "总是先询问", observe: "只观察" },
    bodies: {
      act: "可撤销的修复和单个服务的重启立即执行。风险更高的操作等待决定。",
      ask: "每个修复都附带计划和证据提出，并等待决定。",
      observe: "不更改任何主机。Cortex 只说明它会怎么做，供你判断。",
    },
    fixed: (mode) => `此主机的配置为“${mode}”，不能在这里放宽。`,
    save: "保存",
    saved: "已保存，立即生效。",
    onlyAdmin: "只有管理员可以更改。",
    reasonFirst: "首次启动时选择",
    reasonSettings: "在设置中更改",
  },
};
