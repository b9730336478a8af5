local digest = require "promptgen.digest"

describe("promptgen.digest", function()
  it("gives the SHA-256 that FIPS 180-4 publishes for abc", function()
    assert.equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", digest.sha256 "abc")
  end)

  it("takes strings only", function()
    assert.has_error(function() digest.sha256(1) end)
    assert.has_error(function() digest.sha256() end)
  end)
end)
