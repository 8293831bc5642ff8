export { type Asking, askChat, type ChatEndpoint } from './chat-endpoint.ts';
export {
  type AskJudge,
  type JudgedQuestion,
  type JudgePrompt,
  type MtBenchJudge,
  type Preference,
  preferAnswer,
  ratingIn,
  readMtBenchJudge,
  scoreAnswer,
  verdictIn,
} from './mt-bench-judge.ts';
