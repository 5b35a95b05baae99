export {
  buildTimeStampRequest,
  type MessageImprint,
  parseTimeStampRequest,
  type TimeStampRequest,
  type TimeStampRequestParts,
} from './request.ts'
export {
  buildTimeStampRejection,
  buildTimeStampResponse,
  parseTimeStampResponse,
  TIME_STAMP_FAILURES,
  type TimeStampFailure,
  type TimeStampResponse,
} from './response.ts'
export { assembleTimeStampToken, type PreparedTimeStampToken, prepareTimeStampToken } from './token.ts'
export {
  type Accuracy,
  buildTstInfo,
  parseTstInfo,
  type TstInfo,
  type TstInfoParts,
} from './tst-info.ts'
export {
  type Stamped,
  type TimeStampAnswerProblem,
  type TimeStampProblem,
  type TimeStampVerdict,
  verifyTimeStampResponse,
  verifyTimeStampToken,
} from './verify.ts'
