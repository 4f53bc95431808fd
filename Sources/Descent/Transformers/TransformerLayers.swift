/// The layers of transformers that model files can name.
let transformerLayers: [any ConfigurableLayer.Type] = [
  LearnedPositions.self, SinusoidalPositions.self, MultiHeadAttention.self, FeedForward.self, TransformerBlock.self,
  TransformerEncoder.self, GPT.self,
]
