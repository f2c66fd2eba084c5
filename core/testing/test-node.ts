/** A remote node in a folder of the test's own. */
import { testFolder } from "./test-folder.ts";
import { createRemoteNode, type RemoteNodeOptions } from "./remote-node.ts";
import type { TestApi } from "./test-api.ts";

export type TestNodeOptions = Partial<RemoteNodeOptions>;

/** To be called inside a test, at whose end the folder is removed. */
export const createTestNode = (t: TestApi, options: TestNodeOptions = {}) =>
  createRemoteNode(t, { keys: testFolder(), ...options });
