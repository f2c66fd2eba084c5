/** `name`, or `name~instance` where there is more than the default one: as addresses, commands and lists say it. */
export const checkId = ({ check, instance }: { check: string; instance: string }): string =>
  instance === "default" ? check : `${check}~${instance}`;
