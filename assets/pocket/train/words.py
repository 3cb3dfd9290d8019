"""Words that the little world and the world outside of it are made of."""

import random

COMMON = """
able about above across actor afraid after again against agree airport album allow almost alone along already also always
amazing among amount ancient anger angle animal ankle answer apple april apricot arm army around arrive arrow artist autumn
avocado awake award aware baby backpack bad badger bag bake bakery balance balcony ball balloon bamboo banana band bank barn
basket basketball battle beach bean bear beautiful because become bedroom bee before begin behind believe bell belong below
berry beside better between bicycle bird birthday biscuit bitter black blanket blossom blue board boat body book bookkeeper
border boring borrow both bottle bottom bowl box boy branch brave bread break breakfast bridge bright bring broccoli broken
brother brown brush bubble bucket build building bus business butter butterfly button buy cabbage cactus cake calendar call
camera camel camp candle candy captain car card careful carpet carrot carry castle cat catch cave ceiling celery cellar chair
champion chance change cheap cheese cherry chest chicken child chimney chocolate choose church circle circus city clean
clear clever climb clock close cloud clown coast coat cobbler coconut coffee coin cold collar collect college color comb
comfortable committee common computer cook cookie copper coral corner cotton cough country cousin cover cow crayon cream
cricket crocodile crossing crowd crown cry cucumber cup curious curtain cushion customer dance danger daughter december
deer delicious dentist desert desk diamond difference difficult dinner dirty doctor dog dollar dolphin donkey door double
dragon draw dream dress drink drive drum dry duck dust eagle early earth east easy eat edge effort egg eight elbow elephant
eleven empty engine engineer enjoy enough entrance envelope equal evening every example excellent exercise expensive
explain eye face factory fall family famous far farm farmer fast father feather february feel fence ferry festival field fig
finger finish fire fish five flag flame flat floor flour flower fly fog follow food foot football forest forget fork forward
fountain four fox free freedom fresh friday friend frog front fruit full funny furniture future game garage garden garlic
gate gentle giant ginger giraffe girl give glass glove goat gold good goose grammar grandmother grape grass gravity great
green grey grocery group grow guard guess guest guitar hair half hall hammer hamster hand happen happy harbor hard harvest
hat hate head health hear heart heavy hedgehog height helicopter hello help hen hero hiccup hidden high hill history hobby
holiday home honey honest hope horse hospital hot hotel hour house hundred hungry hurry husband ice idea illness important
inch insect inside island jacket jam january jar jelly jewel job join joke journey joy judge juice july jump june jungle
kangaroo keep kettle key kind king kitchen kite kitten knee knife knock know ladder lake lamb lamp language large laugh law
lazy leaf learn leather leave left leg lemon lemonade leopard lesson letter lettuce level library lie life light lightning
like lily lion lip list listen little live lizard llama lobster long look loose lose lost loud love low luck lucky lunch
machine magic magnet mail make man mango map maple march market marmalade marry mask mat match matter may mayor meadow meal
meaning measure meat medicine meet melon memory message metal middle midnight milk million mind minute mirror miss
mississippi mistake mix money monkey month moon morning mosquito mother motor mountain mouse mouth move movie mud muffin
museum mushroom music mustard nail name narrow nature near neck needle nephew nest never new news newspaper nice niece night
nine noise noodle noon normal north nose notebook nothing november now number nurse nut oak ocean october octopus office
often oil old olive onion open orange orchard orchestra order other otter oven owl oyster page pain paint pair palace pan
pancake panda paper parent park parrot part party passenger path peach peacock peanut pear pebble pen pencil penguin people
pepper perfect person piano picnic picture pie piece pig pigeon pillow pilot pineapple pink pirate pizza place plan planet
plant plate play pleasure plum pocket poem point police polite pond pony poor poppy popular possible post potato powder
power practice present president pretty price prince princess problem programme promise proud pudding pull pumpkin puppet
puppy purple push puzzle queen question quick quiet rabbit raccoon radio rain rainbow raspberry rat raven reach read ready
reason red remember rest restaurant rhythm ribbon rice rich ride right ring river road robin robot rock rocket roof room root
rope rose rough round rubber rule run sad saddle safe sail salad salt same sand sandwich saturday sauce sausage scarf school
science scissors sea season seat second secret see seed seven shadow shallow shark sharp sheep shelf ship shirt shoe shop
short shoulder shout show shower sick side silence silver simple sing sister six skin sky sleep slow small smart smell smile
smoke smooth snail snake snow soap soccer sock soft soldier son song soon soup south space spade sparrow speak special spend
spider spinach spoon sport spring square squirrel stable stair stamp star start station stay steel step stone stop storm
story strange straw strawberry street strength string strong student success sugar summer sun sunday sunflower surprise
sweater sweet swim swing table tail tailor talk tall taste taxi tea teach teacher team tear teeth ten tennis tent terrible
thank theatre thick thin thing think third thirsty thousand three throat thunder thursday ticket tie tiger time tired today
toe together tomato tomorrow tongue tool tooth tornado tortoise towel tower town toy tractor train travel tree triangle
trip trouble trousers truck true trumpet trust tuesday tulip tunnel turkey turtle twelve twenty twin two umbrella uncle
under unhappy universe university until useful valley vanilla vase vegetable very victory village vinegar violin visit voice
volcano wait walk wall wallet walnut want warm wash watch water waterfall watermelon wave way weak weather wednesday week
welcome well west wet whale wheat wheel when where whisper white wide wife wild win wind window wine wing winter wise wolf
woman wonder wood wool word work world worm worry wrist write wrong yard year yellow yesterday yogurt young zebra zero zoo
accommodation assassin balloonist bananas blueberry bubblegum buttermilk cappuccino cheeseburger cinnamon coffeehouse
cranberry dandelion embarrass fluff giggle gooseberry jellyfish keyboard killer lollipop marshmallow massless millennium
nanosecond occurrence parallel possess possession professor referee skillfully successful tattoo tomorrows trampoline
tennessee uncommonly wheelbarrow willingness woodpecker
""".split()

NAMES = """
Anna Ben Carla David Emma Felix Grace Henry Ines Jack Karen Leo Maria Nina Oscar Paul Rosa Sam Tina Viktor Wendy Yusuf Zoe
Alice Bob Chen Dmitri Elif Fatima Goran Hana Ivan Julia Kofi Lena Omar Priya Quinn Ravi Sofia Tom Uma Li
""".split()

THINGS = """
apples pears coins books stamps marbles cards pencils eggs oranges stickers shells cookies plums stones tickets buttons beads
bananas cups chairs flowers sheep cows toys balls points boxes pages nuts
""".split()

_ONSETS = "b bl br c ch cl cr d dr f fl fr g gl gr h j k l m n p pl pr qu r s sh sl sp st str t th tr v w z".split()
_VOWELS = "a e i o u ea ee ai oo ou y".split()
_CODAS = ["", "", "", *"ck d g l ll m n nd nt ng p r rn rt s ss st t tt x".split()]


def word(rng: random.Random, shortest: int = 3, longest: int = 12) -> str:
    """A word: a real one, one that could be, or letters at random."""
    while True:
        kind = rng.random()
        if kind < 0.4:
            found = rng.choice(COMMON)
        elif kind < 0.75:
            found = "".join(
                rng.choice(_ONSETS) + rng.choice(_VOWELS) + rng.choice(_CODAS) for _ in range(rng.randint(1, 4))
            )
            found = found[: rng.randint(shortest, longest)]
        else:
            alphabet = "abcdefghijklmnopqrstuvwxyz"
            if rng.random() < 0.5:
                alphabet = rng.sample(alphabet, rng.randint(2, 8))
            found = "".join(rng.choice(alphabet) for _ in range(rng.randint(shortest, longest)))
        if shortest <= len(found) <= longest:
            return found
