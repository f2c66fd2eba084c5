import { errorText } from "../../kit/states.tsx";
import { toast } from "../../kit/toast.tsx";
import { ApiError } from "../../data/api.ts";
import { api } from "../../data/app.ts";
import { text } from "./texts.ts";

/** Ask a node to run one check, or all of them (null), and say so. Resolves with whether it was asked. */
export async function runChecks(node: string, check: string | null): Promise<boolean> {
  try {
    await api.inspect(node, check === null ? undefined : [check]);
    toast(check === null ? text().nodeTab.askedAll : text().nodeTab.asked(check));
    return true;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    toast(errorText(error), "bad");
    return false;
  }
}
