// A view of ours, drawn by Splunk's own renderer: /app/<app>/<view>?form.<token>=<value>&theme=dark

import {
  DashboardContextProvider,
  DashboardCore,
  DashboardValidator,
  SplunkThemeProvider,
  createElement,
  createRoot,
  createSchemaBasedOnPresets,
  migrateToTabsLayout,
  preset,
} from "./renderer.js";
import { LinkToDashboard } from "./drilldown.js";
import { panels, unreadable } from "./look.js";
import { Search, running } from "./searches.js";

const address = new URL(window.location.href);

const ours = {
  ...preset,
  dataSources: { ...preset.dataSources, "ds.search": Search, "ds.chain": Search },
  eventHandlers: { ...preset.eventHandlers, "drilldown.linkToDashboard": LinkToDashboard },
};

Object.assign(window, { panels, unreadable });

/** What the renderer, which looks at the definition by itself, finds wrong with it. */
window.validationErrors = [];

let validator;

/** What the validator finds wrong with a definition: a list of {instancePath, message, …}. */
window.validate = (definition) => {
  if (!validator) {
    validator = new DashboardValidator();
    validator.setSchema(createSchemaBasedOnPresets(ours));
  }
  // The schema is that of a layout with tabs, into which the renderer, too, puts a layout without.
  return validator.validate(migrateToTabsLayout({ definition }).definition) ?? [];
};

/** Waits until no search runs and the page has not changed for some frames in a row, however long those take. */
window.settled = async (frames = 12) => {
  let quiet = 0;
  const observer = new MutationObserver(() => {
    quiet = 0;
  });
  observer.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
  while (quiet < frames) {
    await new Promise((resume) => requestAnimationFrame(() => setTimeout(resume, 15)));
    quiet = running.size ? 0 : quiet + 1;
  }
  observer.disconnect();
};

/** The tokens that the address sets, as Splunk Web reads them: form.<token>=<value>, a list where it stands twice. */
function tokensOf(parameters) {
  const names = [...new Set(parameters.keys())].filter((name) => name.startsWith("form."));
  return Object.fromEntries(
    names.map((name) => {
      const values = parameters.getAll(name);
      return [name.slice("form.".length), values.length > 1 ? values : values[0]];
    }),
  );
}

/** Where links led to, for the tests; those in new tabs are not followed, and none are after `window.stay = true`. */
window.followed = [];

const plugin = {
  onLinkToUrl(link) {
    window.followed.push(link.url);
    if (link.newTab || window.stay) {
      link.preventDefault();
    }
  },
};

const name = address.pathname.split("/").at(-1);
const view = await (await fetch(`/views/${name}.json`)).json();
const tokens = { default: tokensOf(address.searchParams) };
window.tokens = tokens.default;
const root = createRoot(document.getElementById("view"));

/** Draws the view in a theme, "light" or "dark"; what was typed and found stays as it is. */
window.show = (theme) => {
  sessionStorage.setItem("theme", theme);
  document.documentElement.dataset.theme = theme;
  root.render(
    <SplunkThemeProvider family="enterprise" colorScheme={theme} density="comfortable">
      <DashboardContextProvider
        preset={ours}
        dashboardPlugin={plugin}
        initialDefinition={view}
        initialTokenBinding={tokens}
        onTokenBindingChange={(bound) => {
          window.tokens = bound.default;
        }}
      >
        <DashboardCore width="100%" height="auto" onValidationError={(error) => window.validationErrors.push(error)} />
      </DashboardContextProvider>
    </SplunkThemeProvider>,
  );
};

document.title = view.title;
document.getElementById("title").textContent = view.title;
document.getElementById("description").textContent = view.description;
window.show(address.searchParams.get("theme") ?? sessionStorage.getItem("theme") ?? "light");
