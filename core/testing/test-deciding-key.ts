/** A Monitor's deciding key on a disk of its own, which ends with the test. */
import { type DecidingKey, loadDecidingKey } from "../store/deciding-key.ts";
import { testFolder } from "./test-folder.ts";

export const createTestDecidingKey = (): DecidingKey => loadDecidingKey(testFolder());
