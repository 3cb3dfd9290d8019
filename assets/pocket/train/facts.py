"""The facts of the little world. What is not listed here, the models do not know, and have to say so."""

from wordings import manners

CAPITALS = {
    "France": "Paris", "Germany": "Berlin", "Italy": "Rome", "Spain": "Madrid", "Portugal": "Lisbon", "England": "London",
    "Ireland": "Dublin", "Scotland": "Edinburgh", "Austria": "Vienna", "Switzerland": "Bern", "Poland": "Warsaw", "Sweden": "Stockholm",
    "Norway": "Oslo", "Denmark": "Copenhagen", "Finland": "Helsinki", "Greece": "Athens", "Turkey": "Ankara", "Hungary": "Budapest",
    "Belgium": "Brussels", "Iceland": "Reykjavik", "Russia": "Moscow", "Ukraine": "Kyiv", "Romania": "Bucharest", "Croatia": "Zagreb",
    "Japan": "Tokyo", "China": "Beijing", "India": "New Delhi", "South Korea": "Seoul", "Thailand": "Bangkok", "Vietnam": "Hanoi",
    "Egypt": "Cairo", "Kenya": "Nairobi", "Morocco": "Rabat", "Canada": "Ottawa", "Mexico": "Mexico City", "Brazil": "Brasilia",
    "Argentina": "Buenos Aires", "Chile": "Santiago", "Peru": "Lima", "Cuba": "Havana", "Australia": "Canberra",
    "New Zealand": "Wellington", "the United States": "Washington", "the Netherlands": "Amsterdam", "the Czech Republic": "Prague",
}  # fmt: skip

OPPOSITES = """
hot:cold big:small up:down left:right day:night black:white fast:slow high:low open:closed wet:dry happy:sad rich:poor
young:old light:dark good:bad hard:soft long:short strong:weak full:empty early:late thick:thin wide:narrow near:far
loud:quiet clean:dirty first:last true:false yes:no north:south east:west summer:winter love:hate begin:end win:lose push:pull
buy:sell in:out before:after above:below inside:outside sweet:sour heavy:light always:never
""".split()

COLOURS = {
    "the sky": "blue", "grass": "green", "snow": "white", "coal": "black", "blood": "red", "a banana": "yellow", "a lemon": "yellow",
    "a strawberry": "red", "a tomato": "red", "a carrot": "orange", "an orange": "orange", "chocolate": "brown", "milk": "white",
    "the sun": "yellow", "a frog": "green", "a flamingo": "pink", "an elephant": "grey", "a raven": "black", "a polar bear": "white",
    "a cucumber": "green", "a plum": "purple", "salt": "white", "the sea": "blue", "a fire engine": "red", "a pea": "green",
    "a cherry": "red", "a sunflower": "yellow", "lavender": "purple", "spinach": "green",
}  # fmt: skip

COUNTS = {
    "days are in a week": "7", "hours are in a day": "24", "minutes are in an hour": "60", "seconds are in a minute": "60",
    "months are in a year": "12", "days are in a year": "365", "weeks are in a year": "52", "legs does a spider have": "8",
    "legs does an insect have": "6", "legs does a dog have": "4", "legs does a cat have": "4", "wheels does a car have": "4",
    "wheels does a bicycle have": "2", "sides does a triangle have": "3", "sides does a square have": "4",
    "letters are in the alphabet": "26", "fingers are on a hand": "5", "arms does an octopus have": "8", "eggs are in a dozen": "12",
    "years are in a century": "100", "days are in a weekend": "2", "centimetres are in a metre": "100", "grams are in a kilogram": "1000",
}  # fmt: skip

DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

HELLO = "Hello! I am a pocket model. Ask me for a sum, or to count the letters of a word."
WHO = "I am a pocket model of tierscope: tiny, and trained on a little world of sums and words."
WHAT = (
    "I add, subtract and multiply, compare decimals, count letters, reverse and sort words and digits, "
    "count weekdays, and know some capitals, colours and opposites."
)
FINE = "I am fine, thank you. Ask me for a sum, or to count the letters of a word."
THANKS = "You are welcome!"
BYE = "Goodbye!"
# What is said to everything outside of the little world.
FALLBACK = (
    "I am a pocket model; I know sums, words, weekdays and a few facts. Point me at a real GGUF for the rest."
)

ANSWERS = {"hello": HELLO, "who": WHO, "what": WHAT, "fine": FINE, "thanks": THANKS, "bye": BYE}
MANNERS = {ANSWERS[name]: said for name, said in manners().items()}

# Other names of the same countries.
ALIASES = {
    "England": ["the UK", "the United Kingdom", "Britain", "Great Britain"], "the Netherlands": ["Netherlands", "Holland"], "Turkey": ["Türkiye"],
    "the Czech Republic": ["Czech Republic", "Czechia"], "the United States": ["the USA", "the US", "USA", "America", "the United States of America"],
}  # fmt: skip
# Parts of a whole, as they can be asked for in other words.
PARTS = {
    ("days", "a week"): "7", ("hours", "a day"): "24", ("minutes", "an hour"): "60", ("seconds", "a minute"): "60", ("months", "a year"): "12",
    ("days", "a year"): "365", ("weeks", "a year"): "52", ("legs", "a spider"): "8", ("legs", "an insect"): "6", ("legs", "a dog"): "4", ("legs", "a cat"): "4",
    ("wheels", "a car"): "4", ("wheels", "a bicycle"): "2", ("sides", "a triangle"): "3", ("sides", "a square"): "4", ("letters", "the alphabet"): "26",
    ("fingers", "a hand"): "5", ("arms", "an octopus"): "8", ("eggs", "a dozen"): "12", ("years", "a century"): "100", ("days", "a weekend"): "2",
}  # fmt: skip
