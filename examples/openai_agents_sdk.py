"""Long-term memory for an agent of the OpenAI Agents SDK: instructions that recall, and a tool, in one scope."""

import asyncio

from agents import Agent, OpenAIChatCompletionsModel, RunConfig, RunContextWrapper, Runner, function_tool
from openai import AsyncOpenAI

from agentmem import AgentMemory, ScopeHandle
from agentmem.testing.chat_server import chat_server

Mine = RunContextWrapper[ScopeHandle]  # the program gives the scope: no model and no prompt can choose another


@function_tool
def remember(run: Mine, fact: str) -> str:
    """Keep something about the user for later conversations."""
    run.context.add(fact, role="assistant")
    return "Kept."


def instructions(run: Mine, _agent: Agent) -> str:
    asked = " ".join(str(one["content"]) for one in run.turn_input if one.get("role") == "user")
    return f"You are a waiter. What you know of the guest:\n{run.context.context(asked, tokens=500)}"


def scripted(messages: list) -> str:
    """Stands in for a model. It knows what its prompt says, and nothing else."""
    return "Not the satay!" if "allergic to peanuts" in messages[0]["content"] else "I will keep that in mind."


async def main(url: str) -> None:
    async with AsyncOpenAI(base_url=url, api_key="none") as client:
        model = OpenAIChatCompletionsModel("any", client)
        waiter = Agent("waiter", instructions=instructions, tools=[remember], model=model)
        with AgentMemory.open("agents.db", embedder="none") as store:
            ana, quiet = store.scope("restaurant", "ana"), RunConfig(tracing_disabled=True)
            for text in ("I am allergic to peanuts.", "Which dish is without peanuts?"):  # two conversations
                done = await Runner.run(waiter, text, context=ana, run_config=quiet)
                ana.add([{"role": "user", "content": text}, {"role": "assistant", "content": done.final_output}])
                print(f"{text} -> {done.final_output}")


if __name__ == "__main__":
    with chat_server(answer=scripted) as server:
        asyncio.run(main(server.url))
