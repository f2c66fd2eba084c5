import { now } from "../lib/clock.ts";
import { formatAge, formatMoment, formatPoint } from "../lib/format.model.ts";
import { language, locale } from "../texts/i18n.ts";

/** A point in time. `age` counts ("4m ago"), `point` says when; both have the full moment for pointer and programs. */
export function Time(props: { at: string; show?: "age" | "point" | "moment"; class?: string }) {
  const ms = () => Date.parse(props.at);
  const shown = () => {
    if (props.show === "moment") return formatMoment(ms(), locale());
    return props.show === "point" ? formatPoint(ms(), now(), locale()) : formatAge(ms(), now(), language());
  };
  return (
    <time
      datetime={props.at}
      title={formatMoment(ms(), locale())}
      class={`whitespace-nowrap tabular-nums ${props.class ?? ""}`}
    >
      {shown()}
    </time>
  );
}
