import { checkContract } from "../../core/testing/check.contract.ts";
import { goldenCases } from "../../core/testing/golden.ts";
import { pluginContract } from "../../core/testing/plugin.contract.ts";
import plugin from "./index.ts";

pluginContract(plugin);
checkContract(plugin, {}, { exec: { installed: [] } });
goldenCases(plugin, import.meta.dir);
