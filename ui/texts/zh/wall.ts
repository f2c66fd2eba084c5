/** 墙上大屏视图的文字。 */
import type { enWall } from "../en/wall.ts";

export const zhWall: typeof enWall = {
  wall: {
    leave: "退出大屏",
    needYou: (n, shown) => `有 ${n === 1 ? "1" : shown} 项需要你处理`,
    moreNodes: (_n, shown, calm) => (calm ? `另有 ${shown} 个，全部健康` : `另有 ${shown} 个`),
    more: (shown) => `另有 ${shown} 项`,
    repairs: "最近的修复",
  },
};
