import "./kit/tokens.css";
import "virtual:uno.css";
import "./kit/base.css";
import { render } from "solid-js/web";
import { App } from "./app.tsx";
import { session } from "./data/app.ts";
import { loadLanguage } from "./texts/i18n.ts";
import { keepForOffline } from "./lib/install.ts";

void session.check();
await loadLanguage().catch(() => undefined);
render(() => <App />, document.getElementById("app")!);

keepForOffline();
