export { writeLargePdf } from './large-pdf.ts'
export { documentWith, PDF_SHAPES, type PdfShape } from './shapes.ts'
