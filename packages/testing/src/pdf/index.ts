export { PDF_SHAPES, type PdfShape } from './shapes.ts'
