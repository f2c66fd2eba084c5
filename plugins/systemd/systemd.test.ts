import { goldenCases } from "../../core/testing/golden.ts";
import { checkContract } from "../../core/testing/check.contract.ts";
import { pluginContract } from "../../core/testing/plugin.contract.ts";
import systemd from "./index.ts";

pluginContract(systemd);
checkContract(systemd);
goldenCases(systemd, import.meta.dir);
