export { accessibilityFaults, faultsLightAndDark } from './accessibility.ts';
export { collectFaults } from './faults.ts';
export { findChromium } from './find-chromium.ts';
export { describeInBrowser } from './in-browser.ts';
export { openBrowser, openProfile, PATIENCE, REAL_WEBGPU, SOFTWARE_WEBGPU } from './open-browser.ts';
export { buildPage, type OpenedPage, type OpenPageOptions, openPage } from './open-page.ts';
