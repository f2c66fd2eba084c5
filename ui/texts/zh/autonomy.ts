import type { enAutonomy } from "../en/autonomy.ts";

export const zhAutonomy: typeof enAutonomy = {
  earned: {
    offers: "已赢得自主，等待批准",
    offer: (repair, place) => `${repair} · ${place}`,
    evidence: (held, failed, percent) =>
      held + failed === 0 ? "尚未运行" : `${held + failed} 次中 ${held} 次有效：至少 ${percent}%`,
    accept: "允许自主执行",
    grants: "修复的自主范围",
    add: "设定自主级别",
    empty: "尚未对任何修复作出设定",
    emptyBody: "由修复的等级和策略决定。多次获批且有效的修复会在此处提供自主执行。",
    repair: "修复",
    seen: "记录",
    nodes: "节点",
    where: "范围",
    whereHint: "*、node:ID、label:KEY=VALUE 或 group:NAME",
    may: "方式",
    reason: "原因",
    until: "至",
    everywhere: "所有节点",
    states: { act: "自主执行", ask: "每次询问", shadow: "影子" },
    explained: {
      act: "在已赢得自主的地方无需询问即可修复。主机级和数据类修复除外。",
      ask: "每次由人决定。",
      shadow: "只说明会做什么。",
    },
    told: (told, waiting, refused) =>
      [
        `${told} 个已通知`,
        ...(waiting > 0 ? [`${waiting} 个待通知`] : []),
        ...(refused > 0 ? [`${refused} 个拒绝`] : []),
      ].join("，"),
    acts: { accept: "允许自主执行", demote: "重新询问", remove: "移除" },
    title: {
      accept: (repair, place) => `允许 ${repair} 在 ${place} 上自主执行？`,
      demote: (repair, place) => `让 ${repair} 在 ${place} 上重新询问？`,
      remove: (repair, place) => `移除 ${repair} 在 ${place} 上的设定？`,
    },
    body: {
      accept: "从现在起无需询问即可修复。一旦出现不良结果立即收回。",
      demote: "每次由人决定。此前赢得的不再计入。",
      remove: "重新由修复的等级和策略决定。",
    },
    done: { accept: "从现在起自主执行", demote: "从现在起每次询问", remove: "已移除" },
    shadows: "影子修复本会做的事",
    noShadows: "没有处于影子状态的修复，或未发生任何事",
    history: "历史",
    was: (repair, place, state) => `${repair} · ${place}：${state}`,
  },
};
