export { type ShapeObject, toBytes, withTable } from './build-pdf.ts'
export { writeLargePdf } from './large-pdf.ts'
export { documentOfSize, documentWith, PDF_SHAPES, type PdfShape } from './shapes.ts'
