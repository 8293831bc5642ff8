import { describePage } from './describe-page.ts';
import { answerTests } from './made-up/answer.ts';
import { viewTests } from './made-up/every-view.ts';
import { runTests } from './made-up/runs.ts';
import { stepTests } from './made-up/steps.ts';

describePage('the page', (on) => {
  answerTests(on);
  runTests(on);
  stepTests(on);
  viewTests(on);
});
