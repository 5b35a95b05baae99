export { JsonRefused, parseUnambiguousJson } from '@natsuin/pki/json'
export {
  base64url,
  flag,
  integer,
  list,
  oneOf,
  optional,
  record,
  type Shape,
  type Shaped,
  ShapeError,
  text,
  variant,
} from './shape.ts'
export { readStrictJson, writeJson } from './strict-json.ts'
