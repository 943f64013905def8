// All that the page takes from published packages, for vite.config.mjs to bundle once.

export { DashboardContextProvider } from "@splunk/dashboard-context";
export { default as DashboardCore } from "@splunk/dashboard-core";
export { createSchemaBasedOnPresets } from "@splunk/dashboard-definition";
export { default as preset } from "@splunk/dashboard-presets/CloudViewOnlyPreset";
export { migrateToTabsLayout } from "@splunk/dashboard-utils";
export { DashboardValidator } from "@splunk/dashboard-validation";
export { DataSet, mergeSearches } from "@splunk/datasource-utils";
export { default as DataSource } from "@splunk/datasources/DataSource";
export { default as SplunkThemeProvider } from "@splunk/themes/SplunkThemeProvider";
export { createElement } from "react";
export { createRoot } from "react-dom/client";
