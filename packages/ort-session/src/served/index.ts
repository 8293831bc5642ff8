export type {
  Answer,
  Answered,
  Answers,
  Call,
  Line,
  ModelCall,
  Opened,
  Question,
  SentError,
} from './protocol.ts';
export { Questions, type QuestionsOptions } from './questions.ts';
export { remoteModel } from './remote-model.ts';
export { receivedError, sentError } from './sent-error.ts';
export { type ServeOptions, type ServePort, serve } from './serve.ts';
