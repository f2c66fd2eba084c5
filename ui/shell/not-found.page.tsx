import { Empty } from "../kit/states.tsx";
import { text } from "../texts/i18n.ts";

export default function NotFoundPage() {
  return (
    <Empty icon="question" title={text().notFound.title} body={text().notFound.body}>
      <a href="/" class="mt-4 text-accent hover:underline">
        {text().common.back}
      </a>
    </Empty>
  );
}
