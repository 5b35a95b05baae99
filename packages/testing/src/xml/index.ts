export { alteredDocument, randomDocument, randomElement } from './random-xml.ts'
