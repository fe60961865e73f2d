"""What the rules ask of the outside: storage and Web PubSub. Interfaces, and the values that they pass.

``adapters/`` implements them with Azure's SDKs, the tests in memory. Both are held to the same contract tests.
"""
