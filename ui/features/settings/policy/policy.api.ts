/** The policy over the API: versions, what is wrong with a text, what it would have decided. */
import type {
  BacktestResult,
  PolicyCheck,
  PolicyVersionItem,
  RuleProposalItem,
} from "../../../../core/http/types.ts";
import { api } from "../../../data/app.ts";
import type { Page } from "../../../data/types.ts";

export type { BacktestResult, PolicyCheck, RuleProposalItem };
export type PolicyVersion = PolicyVersionItem;
export type PolicyRule = PolicyVersion["document"]["rules"][number];
export type PolicyProblem = PolicyCheck["problems"][number];
export type BacktestCase = BacktestResult["cases"][number];

const VERSIONS = 100;

export const policyApi = {
  current: () => api.call<PolicyVersion>("GET", "policy"),
  version: (version: number) => api.call<PolicyVersion>("GET", `policy/versions/${version}`),
  versions: async () =>
    (await api.call<Page<PolicyVersion>>("GET", `policy/versions?limit=${VERSIONS}`)).items,
  check: (text: string) => api.call<PolicyCheck>("POST", "policy/check", { text }),
  /** One page of the past; `cursor` is empty for the newest. */
  test: (text: string, since: string, cursor: string) =>
    api.call<BacktestResult>("POST", "policy/test", { text, since, cursor }),
  save: (text: string, basedOn: number, note: string) =>
    api.call<PolicyVersion>("POST", "policy", { text, basedOn, note }),
  proposals: async () => (await api.call<Page<RuleProposalItem>>("GET", "policy/proposals")).items,
  answer: (rule: string, answer: "accept" | "dismiss") =>
    api.call<PolicyVersion>("POST", `policy/proposals/${encodeURIComponent(rule)}`, { answer }),
};
