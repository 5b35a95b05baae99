export {
  appendedSource,
  type ByteSource,
  blobSource,
  bytesSource,
  digestRange,
  prefixSource,
  streamOf,
  streamSource,
} from './byte-source.ts'
export { type OpenPdfOptions, openPdf, type PdfDocument } from './document.ts'
export { type Inflate, inflate } from './inflate.ts'
export { DEFAULT_PDF_LIMITS, type PdfLimits } from './limits.ts'
export { type PresentationRisk, presentationRisks } from './presentation.ts'
export { PDF_REFUSALS, PdfRefusal, type PdfRefusalCode } from './refusal.ts'
