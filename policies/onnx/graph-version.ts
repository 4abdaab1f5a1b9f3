/**
 * Opset 17 with IR 8 (ONNX 1.12, 2022). The graph needs nothing newer, and this is old enough for
 * the runtimes that sit on robots (TensorRT 8.5, onnxruntime 1.12) as well as for
 * onnxruntime-node 1.30 and onnxruntime-web.
 */
export const OPSET = 17;
export const IR_VERSION = 8;
