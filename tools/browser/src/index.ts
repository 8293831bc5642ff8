export { accessibilityFaults } from './accessibility.ts';
export { collectFaults } from './faults.ts';
export { findChromium } from './find-chromium.ts';
export { describeInBrowser, openBrowser, PATIENCE, SOFTWARE_WEBGPU } from './in-browser.ts';
export { type OpenedPage, type OpenPageOptions, openPage } from './open-page.ts';
