"""What the rules ask of the outside, by intent: storage and Web PubSub. Interfaces and the values they pass, no code.

``adapters/`` implements them over Azure's SDKs; the tests implement them in memory, held to the same contract tests.
"""
