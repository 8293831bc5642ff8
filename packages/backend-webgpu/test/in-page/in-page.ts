import type { OpenedPage } from '../open-page.ts';

/** What tests in a page have together. */
export interface InPage {
  /** The page, from the time that hooks run. */
  readonly opened: OpenedPage;
  /** The folder that the page is built to. */
  readonly site: string;
  /** A folder of models, `/models/` in the page; each file of tests has its own names in it. */
  readonly root: string;
}
