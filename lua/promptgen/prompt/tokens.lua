--- An estimate of how many tokens a text is for a language model, without a model's vocabulary.
local tokens = {}

--- Bytes of English Markdown to a token.
local BYTES_PER_TOKEN = 3.8

--- Estimated number of tokens of `text`.
---@param text string
---@return integer tokens
function tokens.estimate(text)
  return math.ceil(#text / BYTES_PER_TOKEN)
end

return tokens
