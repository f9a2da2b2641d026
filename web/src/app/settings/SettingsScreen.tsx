import { Page } from "../parts/Page.tsx";
import { ModelPicker } from "../setup/ModelPicker.tsx";
import { CapLine } from "../setup/ThinkStep.tsx";

export function SettingsScreen() {
  return (
    <Page title="Settings">
      <section aria-labelledby="model">
        <h2 id="model" className="mb-3 text-lg font-semibold">
          Who should think?
        </h2>
        <ModelPicker />
        <CapLine />
      </section>
    </Page>
  );
}
