// Data sources that ask our server, as Splunk's own ask a Splunk: one POST with the search and its time range.

import { DataSet, DataSource, mergeSearches } from "./renderer.js";

/** The searches that have not been answered yet. */
export const running = new Set();

/** What a search found: {fields: [name, …], columns: [[value, …], …]}; an error carries the server's words. */
async function rowsOf(query, { earliest = "", latest = "" } = {}) {
  const response = await fetch("/search", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ query, earliest, latest }),
  });
  const answer = await response.json();
  if (!response.ok) {
    throw new Error(answer.error);
  }
  return answer;
}

/** The rows in the order that a click on a column's heading asks for: {field: "asc" | "desc" | "none"}. */
function sorted({ fields, columns }, sort = {}) {
  const [field, direction] = Object.entries(sort).find(([, way]) => way !== "none") ?? [];
  const by = columns[fields.indexOf(field)];
  if (!by) {
    return { fields, columns };
  }
  const sign = direction === "desc" ? -1 : 1;
  const compared = (a, b) => sign * String(by[a] ?? "").localeCompare(String(by[b] ?? ""), undefined, { numeric: true });
  const order = by.map((_value, row) => row).sort(compared);
  return { fields, columns: columns.map((column) => order.map((row) => column[row])) };
}

/** `ds.search`, and `ds.chain` where `options.extend` names what it continues: then the parent tells the query so far. */
export class Search extends DataSource {
  static config = { ...DataSource.config, isChainEnabled: true, extendableByDataSourceTypes: ["ds.chain"] };

  /** {query, queryParameters} of what a chain continues; undefined until the parent has answered. */
  parent;

  answers = new Map();

  isRefreshed = false;

  request(params = {}) {
    return (observer) => {
      const { query, queryParameters } = this.complete() ?? {};
      if (query === undefined) {
        return () => {}; // the parent's answer will ask again
      }
      let isWanted = true;
      this.ask(query, queryParameters).then(
        (answer) => isWanted && this.give(observer, answer, params, { query, queryParameters }),
        (error) => isWanted && observer.error({ level: "error", message: error.message }),
      );
      return () => {
        isWanted = false;
      };
    };
  }

  /** The whole search with its time range, or undefined where a chain does not know its parent yet. */
  complete() {
    const { query = "", queryParameters, extend } = this.options;
    if (!extend) {
      return { query, queryParameters };
    }
    return this.parent && { ...this.parent, query: mergeSearches(this.parent.query, query) };
  }

  ask(query, queryParameters) {
    const key = JSON.stringify([query, queryParameters]);
    if (!this.answers.has(key)) {
      const answer = rowsOf(query, queryParameters);
      const ended = () => running.delete(answer);
      running.add(answer);
      answer.then(ended, ended);
      this.answers.set(key, answer);
    }
    return this.answers.get(key);
  }

  give(observer, answer, { offset = 0, count = 0, sort }, whole) {
    const { fields, columns } = sorted(answer, sort);
    const page = (column) => (count ? column.slice(offset, offset + count) : column.slice(offset));
    const data = DataSet.fromJSONCols(fields.map((name) => ({ name })), columns.map(page));
    const meta = { status: "done", percentComplete: 100, totalCount: columns[0]?.length ?? 0, whole };
    observer.next({ data, meta, requestParams: { offset, count, sort } });
    observer.complete();
  }

  getObserver() {
    return {
      next: ({ meta }) => {
        this.isRefreshed = JSON.stringify(meta.whole) !== JSON.stringify(this.parent);
        this.parent = meta.whole;
      },
      error: () => {},
      complete: () => {},
    };
  }

  shouldRefreshSubscription() {
    return this.isRefreshed;
  }

  async teardown() {
    this.answers.clear();
  }
}
