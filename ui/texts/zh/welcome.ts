/** 首次运行的文字。 */
import type { enWelcome } from "../en/welcome.ts";

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
    liveIntro: (results, bare) =>
      `目前已有 ${results} 个结果${bare ? "，无需任何配置" : ""}：检查对它查看的每个对象各给出一个结果。`,
    noProblem: "目前没有问题。",
    wrong: (n) => `已有 ${n} 个未解决的问题。`,
    name: (file) =>
      file === null
        ? "要重命名此节点或保持某个服务运行，请编写 cortex.yaml，并以 --config FILE 启动 Cortex。"
        : `要重命名此节点或保持某个服务运行，请编辑 ${file ?? "cortex.yaml"}。`,
    open: "打开集群",
  },
};
