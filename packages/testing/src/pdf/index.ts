export { writeLargePdf } from './large-pdf.ts'
export { PDF_SHAPES, type PdfShape } from './shapes.ts'
