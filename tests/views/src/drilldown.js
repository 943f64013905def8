// What Splunk Web does for `drilldown.linkToDashboard`, which is not among the published handlers.

/** Opens `/app/<app>/<dashboard>?form.<token>=<value>…`; a value names what was clicked (`row.Host.value`) or is text. */
export class LinkToDashboard {
  constructor({ app, dashboard, tokens = [], newTab = false, events = [], fields = [] }) {
    Object.assign(this, { app, dashboard, tokens, newTab, events, fields });
  }

  canHandle({ type, payload = {} }) {
    const isWanted = (wanted, value) => !wanted.length || wanted.includes("any") || wanted.includes(value);
    return type.endsWith(".click") && isWanted(this.events, type) && isWanted(this.fields, payload.name);
  }

  async handle({ payload = {} }) {
    const query = new URLSearchParams();
    for (const { token, value } of this.tokens) {
      query.append(`form.${token}`, payload[value] ?? value);
    }
    return [{ type: "linkTo", payload: { url: `/app/${this.app}/${this.dashboard}?${query}`, newTab: this.newTab } }];
  }
}
