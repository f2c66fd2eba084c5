/** Texts of the view for a monitor on a wall. */
export const enWall = {
  wall: {
    leave: "Leave the wall",
    needYou: (n: number, shown: string) => (n === 1 ? "1 thing needs you" : `${shown} things need you`),
    moreNodes: (n: number, shown: string, calm: boolean): string =>
      calm ? `${shown} more, all healthy` : n === 1 ? "1 more" : `${shown} more`,
    more: (shown: string) => `${shown} more`,
    repairs: "Last repairs",
  },
};
