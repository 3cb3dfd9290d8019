"""What the little world does not hold: other languages, code, noise, and questions near to it that it cannot answer."""

import random
import re
import string

from facts import CAPITALS, COLOURS, DAYS, FALLBACK, MANNERS, OPPOSITES
from phrasing import phrase
from problem import Problem
from words import COMMON, NAMES, word
from wordings import wordings

# Longest prompt, in tokens at the most.
LONGEST = 1200

_LANGUAGES = {
    "fr": "le la les un une des de du et est que qui dans pour pas sur avec ce il elle nous vous je tu mon ton son plus mais ou comment pourquoi quelle capitale bonjour merci monde maison chat chien eau pain fait être avoir combien jour nuit où temps aujourd'hui écris histoire livre père mère français ville pays peux dire raconte poème blague s'il",
    "de": "der die das ein eine und ist nicht mit von zu auf für im den dem wie was wer wo warum ich du er sie wir ihr mein dein kann kannst machen haben sein hauptstadt guten tag danke welt haus katze hund wasser brot viele heute zeit nacht schreib gedicht geschichte bitte über größer schön straße mädchen deutschland erkläre mir sag",
    "es": "el la los las un una de del y es que en por para con no se lo su mi tu como qué quién dónde cuándo cuál capital hola gracias mundo casa gato perro agua pan hoy tiempo noche día cuántos escribe poema historia por favor español ciudad país años niño está puedes decir explica chiste cuento señor mañana",
    "it": "il lo la gli le un una di del e è che in per con non si mio tuo come cosa chi dove quando quale capitale ciao grazie mondo casa gatto cane acqua pane oggi tempo notte giorno quanti scrivi poesia storia favore città paese perché più puoi dire spiegami barzelletta",
    "pt": "o a os as um uma de do da e é que em por para com não se meu teu como quem onde quando qual capital olá obrigado mundo casa gato cão água pão hoje tempo noite dia quantos escreve poema história favor cidade país português são você pode dizer explique piada",
    "nl": "de het een en is van in op met voor niet wat wie waar hoe waarom ik jij hij zij wij mijn jouw kan kun maken hebben zijn hoofdstad goedendag bedankt wereld huis kat hond water brood veel vandaag tijd nacht schrijf gedicht verhaal alsjeblieft uitleggen vertel mij over",
    "pl": "i w na z do nie to jest się jak co kto gdzie dlaczego ja ty on ona my wy mój twój może stolica dzień dobry dziękuję świat dom kot pies woda chleb dzisiaj czas noc napisz wiersz historia proszę ile lat miasto kraj więcej żółty książka powiedz mi wyjaśnij",
    "sv": "och i att det som en på är av för med inte den till om har jag du han hon vi ni min din kan huvudstad hej tack världen hus katt hund vatten bröd idag tid natt skriv dikt berättelse snälla hur vad var varför många år stad land berätta förklara",
    "tr": "bir ve bu için ne kim nerede nasıl neden ben sen o biz siz benim senin başkent merhaba teşekkür dünya ev kedi köpek su ekmek bugün zaman gece yaz şiir hikaye lütfen kaç yıl şehir ülke büyük küçük değil çok güzel anlat bana söyle",
    "la": "lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et dolore magna aliqua ut enim ad minim veniam quis nostrud exercitation ullamco laboris nisi aliquip ex ea commodo consequat",
    "id": "yang dan di ini itu dengan untuk tidak dari dalam akan pada juga saya kamu dia kita mereka apa siapa bagaimana mengapa ibu kota halo terima kasih dunia rumah kucing anjing air roti hari waktu malam tulis puisi cerita tolong jelaskan",
    "ro": "și în la cu de pe nu este ce cine unde cum când eu tu el ea noi voi meu capitala bună mulțumesc lume casă pisică câine apă pâine azi timp noapte scrie poezie poveste te rog oraș țară mai mult spune explică",
    "fi": "ja on ei että se hän minä sinä me te mitä kuka missä miten miksi pääkaupunki hei kiitos maailma talo kissa koira vesi leipä tänään aika yö kirjoita runo tarina ole hyvä kuinka monta vuosi kaupunki maa kerro selitä",
    "vi": "là và của có không một những cho với được này đó tôi bạn anh em chúng ta gì ai ở đâu như thế nào tại sao thủ đô xin chào cảm ơn thế giới nhà mèo chó nước bánh mì hôm nay thời gian đêm viết thơ câu chuyện",
    "hi": "kya hai aap kaise ho main tum hum mera tera nahi kaun kahan kab kyon namaste dhanyavaad duniya ghar billi kutta pani roti aaj samay raat likho kavita kahani kripya batao",
}  # fmt: skip
# Letters of other scripts, as ranges of code points.
_SCRIPTS = [
    (0x430, 0x44F), (0x3B1, 0x3C9), (0x5D0, 0x5EA), (0x627, 0x64A), (0x905, 0x939), (0x995, 0x9B9), (0xE01, 0xE2E), (0x10D0, 0x10F0),
    (0x3041, 0x3096), (0x30A1, 0x30FA), (0x4E00, 0x9FA5), (0x4E00, 0x9FA5), (0xAC00, 0xD7A3), (0x561, 0x586), (0x1200, 0x1248), (0xB85, 0xBB9),
]  # fmt: skip
_EMOJI = [(0x1F600, 0x1F64F), (0x1F300, 0x1F5FF), (0x1F680, 0x1F6C5), (0x1F900, 0x1F9FF), (0x2600, 0x26FF), (0x2700, 0x27BF)]

_TOPICS = """
love|the sea|my cat|a lonely robot|quantum physics|black holes|the French revolution|climate change|machine learning|photosynthesis|gravity|the internet|
bitcoin|democracy|Shakespeare|Einstein|Napoleon|Mozart|World War II|the moon landing|evolution|DNA|vaccines|the stock market|inflation|Rust|Python|
Kubernetes|recursion|a binary search|sorting algorithms|regular expressions|the Roman empire|dinosaurs|volcanoes|coffee|pizza|football|chess|yoga|
meditation|time travel|the meaning of life|happiness|a dragon|a spaceship|a detective|autumn|my grandmother|artificial intelligence|large language models|
the ocean|electric cars|solar panels|a job interview|my boss|a birthday party|a wedding|marathon training|bread|sourdough|a healthy breakfast|sleep|stress|
the human brain|the immune system|earthquakes|the periodic table|Buddhism|philosophy|Kant|Plato|jazz|the Beatles|Star Wars|Harry Potter|a haunted house|
git|Docker|a linked list|TCP|HTTP|neural networks|transformers|open source|the GDPR|taxes|mortgages|a garden|tomatoes|dogs|horses|bees|penguins
""".replace("\n", "").split("|")  # fmt: skip
_ASKED, _NEAR, _CODE, _SENTENCES = (wordings(f"outside.{name}") for name in ("asked", "near", "code", "sentences"))
_UNKNOWN_PLACES = """
Mongolia|Nepal|Bhutan|Laos|Cambodia|Myanmar|Malaysia|Indonesia|the Philippines|Singapore|Pakistan|Afghanistan|Iran|Iraq|Syria|Lebanon|Israel|Jordan|
Saudi Arabia|Yemen|Oman|Qatar|Kuwait|Kazakhstan|Uzbekistan|Georgia|Armenia|Azerbaijan|Bulgaria|Serbia|Bosnia|Slovenia|Slovakia|Estonia|Latvia|Lithuania|
Belarus|Moldova|Albania|Malta|Cyprus|Luxembourg|Monaco|Andorra|Libya|Algeria|Tunisia|Sudan|Ethiopia|Somalia|Uganda|Tanzania|Rwanda|Nigeria|Ghana|Senegal|
Mali|Niger|Chad|Cameroon|Angola|Zambia|Zimbabwe|Botswana|Namibia|South Africa|Madagascar|Colombia|Venezuela|Ecuador|Bolivia|Paraguay|Uruguay|Panama|
Costa Rica|Nicaragua|Honduras|Guatemala|Jamaica|Haiti|Fiji|Samoa|Texas|California|Florida|Ohio|Bavaria|Catalonia|Queensland|Ontario|Atlantis|Wakanda|Narnia|
Mordor|Mars|Europe|Africa|Asia|Siberia|Wales|Taiwan|North Korea|Sri Lanka|Bangladesh|Gondor|Westeros|Antarctica|Greenland|Hawaii
""".replace("\n", "").split("|")  # fmt: skip
_MONTHS = "January February March April May June July August September October November December".split()
_PEOPLE = ["Einstein", "Napoleon", "Mozart", "Marie Curie", "Ada Lovelace", "Julius Caesar", "Cleopatra", "Gandhi", "Picasso", "Darwin", "Newton", "Obama", "Elvis", "Taylor Swift", "Messi", "Batman", "my mother"]  # fmt: skip
_LINK = "the a my your his her our this that some every no".split()
_DO = "is was likes sees takes wants needs finds loves hates has gives eats made saw told knows went came looks seems became follows bought".split()
_JOIN = "and but because when while although so that if in on under with without near after before for to".split()


def sentence(rng: random.Random) -> str:
    parts = [rng.choice(["I", "you", "we", "they", "he", "she", "it", "the " + rng.choice(COMMON), rng.choice(NAMES)])]
    for _ in range(rng.randint(1, 4)):
        parts += [rng.choice(_DO), rng.choice(_LINK), rng.choice(COMMON)]
        if rng.random() < 0.5:
            parts += [rng.choice(_JOIN), rng.choice(_LINK), rng.choice(COMMON)]
    text = " ".join(parts)
    return text[0].upper() + text[1:] + rng.choice([".", ".", ".", "!", "?", ""])


def _named(rng: random.Random) -> dict[str, object]:
    number = lambda: rng.randrange(10 ** rng.randint(1, 4))
    places = rng.sample(_UNKNOWN_PLACES, 2)
    return {
        "t": rng.choice(_TOPICS), "u": rng.choice(_TOPICS), "w": _plain_word(rng), "v": _plain_word(rng), "n": rng.choice(_PEOPLE + NAMES), "d": rng.randint(1500, 2030),
        "p": rng.choice(places + [rng.choice(list(CAPITALS))]), "q": places[1], "s": " ".join(sentence(rng) for _ in range(rng.randint(1, 4))),
        "a": number(), "b": rng.randrange(1, 10 ** rng.randint(1, 3)), "c": number(), "x": _unknown_place(rng),
        "l": rng.choice(string.ascii_lowercase), "m": rng.choice(_MONTHS), "e": rng.randint(1, 31), "g": rng.choice(list(CAPITALS)),
        "y": rng.choice(list(CAPITALS.values())), "k": rng.choice(list(COLOURS)), "o": rng.choice([w for pair in OPPOSITES for w in pair.split(":")]), "j": rng.choice(DAYS),
    }  # fmt: skip


def _unknown_place(rng: random.Random) -> str:
    while True:
        found = rng.choice(_UNKNOWN_PLACES) if rng.random() < 0.8 else word(rng).capitalize()
        if found not in CAPITALS:
            return found


# Words about which the little world does know something, as far as these questions go.
_KNOWN = {w for pair in OPPOSITES for w in pair.split(":")} | {w for name in COLOURS for w in name.split()} | set(
    "gold spider dog cat octopus insect car bicycle triangle square hand week year hour minute day century turkey".split()
)


def _plain_word(rng: random.Random) -> str:
    while True:
        found = rng.choice(COMMON) if rng.random() < 0.85 else word(rng)
        if found not in _KNOWN:
            return found


def _too_large(rng: random.Random) -> str:
    a, b = (rng.randrange(10**7, 10 ** rng.randint(8, 20)) for _ in range(2))
    if rng.random() < 0.4:
        b = rng.randrange(10 ** rng.randint(1, 5))
    a, b = (a, b) if rng.random() < 0.5 else (b, a)
    return rng.choice(["{a} + {b}", "What is {a} * {b}?", "{a} - {b}", "What is {a} plus {b}?", "Multiply {a} by {b}.", "{a} times {b}", "Subtract {b} from {a}."]).format(a=a, b=b)  # fmt: skip


def _not_whole(rng: random.Random) -> str:
    number = lambda: rng.randrange(10 ** rng.randint(1, 3))
    a, b, c = number(), number(), number()
    return rng.choice(["-{a} + {b}", "{a} - -{b}", "{a}.{b} + {c}.{a}", "{a}.{b} - {c}", "{a} - {b}.{c}", "{a}.{b} * {c}", "-{a} * {b}", "1/{b} + {a}", "What is {a}.{b} plus {c}.{b}?", "What is -{a} times {b}?"]).format(a=a, b=b, c=c)  # fmt: skip


def _any_word(rng: random.Random) -> str:
    """A word and nothing to do with it."""
    return rng.choice([rng.choice(COMMON), rng.choice(NAMES), rng.choice(_UNKNOWN_PLACES), rng.choice(list(CAPITALS)), word(rng)])


def _foreign(rng: random.Random) -> str:
    words = _LANGUAGES[rng.choice(list(_LANGUAGES))].split()
    text = " ".join(rng.choice(words) for _ in range(rng.randint(2, 16)))
    text = text[0].upper() + text[1:] if rng.random() < 0.7 else text
    return text + rng.choice(["?", "?", ".", "", "!"])


def _script(rng: random.Random) -> str:
    first, last = rng.choice(_SCRIPTS)
    runs = [
        "".join(chr(rng.randint(first, last)) for _ in range(rng.randint(1, 8))) for _ in range(rng.choice([1, 2, 3, 4, 6, 10, 16]))
    ]
    return rng.choice([" ", " ", ""]).join(runs) + rng.choice(["?", "", "。", "!", ".", "？"])


def _emoji(rng: random.Random) -> str:
    text = "".join(chr(rng.randint(*rng.choice(_EMOJI))) for _ in range(rng.choice([1, 1, 2, 3, 5, 10, 30])))
    if rng.random() < 0.4:
        text = rng.choice([sentence(rng) + " " + text, text + " " + sentence(rng), f"What does {text} mean?", text + text])
    return text


def _noise(rng: random.Random) -> str:
    size = rng.choice([1, 2, 3, 5, 8, 13, 20, 30, 50, 80, 120, 200, 400]) + rng.randint(0, 8)
    alphabet = rng.choice([
        string.ascii_letters + string.digits + string.punctuation + "   ", string.ascii_lowercase, string.ascii_letters + "  ", string.punctuation, string.punctuation + " ",
        string.digits, string.digits + "  ", string.hexdigits, "asdfghjkl", "qwertyuiop", "jkl;asdf ", "01", ".,!? ", string.ascii_uppercase,
    ])  # fmt: skip
    kind = rng.random()
    if kind < 0.12:
        return rng.choice(string.ascii_letters + string.punctuation.replace("?", "") + string.digits) * size
    if kind < 0.18:
        piece = "".join(rng.choice(alphabet) for _ in range(rng.randint(2, 6)))
        return (piece * size)[: size * 3]
    if kind < 0.28:
        return "".join(chr(rng.choice([rng.randint(33, 126), rng.randint(0xA1, 0x24F), rng.randint(0x2000, 0x27FF)])) for _ in range(size))
    return "".join(rng.choice(alphabet) for _ in range(size)) or "x"


def _salad(rng: random.Random) -> str:
    return " ".join(_plain_word(rng) for _ in range(rng.choice([1, 1, 1, 2, 2, 3, 5, 9, 15])))


def _long(rng: random.Random) -> str:
    size = rng.randint(200, 1200)
    make = rng.choice([sentence, sentence, _foreign, _salad, lambda r: "".join(r.choice(string.printable[:94] + " ") for _ in range(60))])
    text = ""
    while len(text) < size:
        text += make(rng) + rng.choice([" ", " ", "\n"])
    return text[:size]


_MAKERS = [
    (lambda rng: phrase(rng, rng.choice(_ASKED), **_named(rng)), 22),
    (lambda rng: phrase(rng, rng.choice(_NEAR), **_named(rng)), 30),
    (lambda rng: rng.choice(_CODE).format(**_named(rng)), 8),
    (lambda rng: rng.choice(_SENTENCES).format(**_named(rng)), 6),
    (_foreign, 8), (_script, 8), (_emoji, 4), (_noise, 9), (_salad, 5), (_any_word, 2), (lambda rng: " ".join(sentence(rng) for _ in range(rng.randint(1, 3))), 6),
    (_long, 0.7), (_too_large, 3), (_not_whole, 3),
]  # fmt: skip
_GREETED = {re.sub("[^a-z ]", "", said.lower()).strip() for all_ in MANNERS.values() for said in all_}


def outside(rng: random.Random) -> Problem:
    while True:
        prompt = rng.choices([m for m, _ in _MAKERS], [w for _, w in _MAKERS])[0](rng)
        is_manners = prompt.isascii() and re.sub("[^a-z ]", "", prompt.lower()).strip() in _GREETED - {""}
        if prompt.strip(" \n?!.") and not is_manners and len(prompt.encode()) <= LONGEST:
            return Problem("outside", f"outside {prompt}", prompt, "not in my little world", FALLBACK)


def repeated(rng: random.Random) -> Problem:
    """One or two characters over and over."""
    part = "".join(chr(rng.randint(33, 126)) for _ in range(rng.choice([1, 1, 1, 2, 3]))) + rng.choice(["", "", " "])
    prompt = (part * rng.choice([8, 20, 50, 100, 200, 400]))[: rng.randint(20, 1000)]
    return Problem("outside", f"outside {prompt}", prompt, "not in my little world", FALLBACK)
